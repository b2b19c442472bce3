/** How much a type of feature says about one applicant, and how fast it stops saying it; data, version 1. */
import type { FeatureType } from '../feature-type.ts';

export interface TypeWeight {
  /** A match names the same person, account, device or document; it may block. Others only call for a look. */
  readonly decisive: boolean;
  /** Days after the last sighting in which confidence halves. */
  readonly halfLifeDays: number;
  readonly zh: string;
  readonly en: string;
}

export const typeWeights: Readonly<Record<FeatureType, TypeWeight>> = {
  // numbers and accounts change hands
  phone: { decisive: true, halfLifeDays: 180, zh: '手机号', en: 'phone' },
  wechat: { decisive: true, halfLifeDays: 180, zh: '微信号', en: 'WeChat account' },
  qq: { decisive: true, halfLifeDays: 180, zh: 'QQ号', en: 'QQ account' },
  alipay: { decisive: true, halfLifeDays: 365, zh: '支付宝账户', en: 'Alipay account' },
  email: { decisive: true, halfLifeDays: 365, zh: '电子邮箱', en: 'mailbox' },
  'bank-account': { decisive: true, halfLifeDays: 365, zh: '银行账户', en: 'bank account' },
  'bank-card': { decisive: true, halfLifeDays: 365, zh: '银行卡', en: 'bank card' },
  'device-fingerprint': { decisive: true, halfLifeDays: 180, zh: '设备指纹', en: 'device' },
  // people and companies stay who they are
  'id-card': { decisive: true, halfLifeDays: 1825, zh: '身份证号', en: 'identity number' },
  uscc: { decisive: true, halfLifeDays: 1095, zh: '统一社会信用代码', en: 'company code' },
  'document-digest': { decisive: true, halfLifeDays: 1825, zh: '材料摘要', en: 'document' },
  vehicle: { decisive: true, halfLifeDays: 730, zh: '车辆', en: 'vehicle' },
  // infrastructure moves in weeks
  domain: { decisive: true, halfLifeDays: 90, zh: '域名', en: 'domain' },
  url: { decisive: true, halfLifeDays: 60, zh: '网址', en: 'URL' },
  'app-package': { decisive: true, halfLifeDays: 180, zh: '应用包名', en: 'app' },
  'app-signing-cert': {
    decisive: true,
    halfLifeDays: 365,
    zh: '应用签名证书',
    en: 'app signing certificate',
  },
  // shared by many honest people
  ip: { decisive: false, halfLifeDays: 30, zh: 'IP地址', en: 'IP address' },
  address: { decisive: false, halfLifeDays: 730, zh: '地址', en: 'address' },
  'company-name': { decisive: false, halfLifeDays: 730, zh: '企业名称', en: 'company name' },
  'document-template': { decisive: false, halfLifeDays: 365, zh: '材料模板', en: 'document template' },
  'ad-copy': { decisive: false, halfLifeDays: 180, zh: '广告文案', en: 'advertisement' },
  slogan: { decisive: false, halfLifeDays: 365, zh: '宣传用语', en: 'slogan' },
  behaviour: { decisive: false, halfLifeDays: 365, zh: '行为特征', en: 'conduct' },
};
