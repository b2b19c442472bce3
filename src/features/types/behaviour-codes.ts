/** Vocabulary of conduct, version 1: what the ten typical cases of 2025-12 show, one line a case. */

export const behaviourCodes: ReadonlySet<string> = new Set([
  // 1 Beijing, agricultural policy loans
  ...['SHARED_LODGING', 'COLLATERAL_PHANTOM', 'FLOW_LOOP', 'INTEREST_PROXY_PAYER', 'ESCORTED_CASH_OUT'],
  'SAME_PRODUCT_BURST',
  // 2 Inner Mongolia, anti-collection extortion
  ...['COMPLAINT_BURST', 'TEMPLATE_COMPLAINT', 'PROXY_AGREEMENT', 'CALL_RECORD_STAGED', 'PI_BULK_SOURCE'],
  // 3 Shanghai, premium funding and surrender
  ...['POLICY_13M_LAPSE', 'PREMIUM_THIRD_PARTY_PAYER', 'AGENT_GHOST', 'COMMISSION_ROUND_TRIP'],
  // 4 Jiangsu, car loans
  ...['STRAW_BORROWER', 'SCRIPT_TRAINING', 'VEHICLE_RESALE_FAST', 'CLEAN_CREDIT_RECRUIT'],
  // 5 Zhejiang, company kits
  ...['LICENSE_KIT', 'FIN_STATEMENT_TEMPLATE', 'DEED_FORGED_HASH', 'MULTI_BANK_7D', 'INSIDER_LINK'],
  // 6 Jiangxi, loans in borrowed names
  ...['NAME_LOAN', 'DOC_CLUSTER', 'SINGLE_MANAGER_CONCENTRATION'],
  // 7 Shandong, two tiers of brokers
  ...['APPRAISAL_OUTLIER', 'TIER2_REFERRAL', 'EMPLOYMENT_PROOF_CLONE'],
  // 8 Henan, injury claims
  ...['CLAIM_BUYOUT', 'DISABILITY_GRADE_SHIFT', 'DOCTOR_EXPERT_PAIR', 'SAME_AGENT_MULTI_INSURER'],
  // 9 Guangdong, debt relief at 40 %
  ...['DEBT_RELIEF_SLOGAN', 'SHELL_FAMILY', 'FEE_40PCT', 'CALL_IMPERSONATION', 'EVENT_ADVERT'],
  // 10 Chongqing, enterprise packaging
  ...['ENTERPRISE_PACKAGING', 'INTEREST_ONLY_THEN_STOP', 'CIVIL_DEFAULT_STAGE', 'MEDIA_LEADGEN'],
]);
